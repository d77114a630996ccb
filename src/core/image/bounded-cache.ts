/** Keeps what was used last, up to a number of bytes. */
export interface BoundedCache<V> {
  readonly get: (key: string) => V | undefined
  readonly has: (key: string) => boolean
  readonly set: (key: string, value: V, sizeBytes: number) => void
  readonly sizeBytes: () => number
}

/** The least recently used entry goes first; one entry larger than the bound is kept alone. */
export function createBoundedCache<V>(limitBytes: number): BoundedCache<V> {
  const entries = new Map<string, { readonly value: V; readonly sizeBytes: number }>()
  let total = 0

  function drop(key: string): void {
    total -= entries.get(key)?.sizeBytes ?? 0
    entries.delete(key)
  }

  return {
    has: (key) => entries.has(key),
    sizeBytes: () => total,
    get: (key) => {
      const entry = entries.get(key)
      if (entry === undefined) return undefined
      entries.delete(key)
      entries.set(key, entry)
      return entry.value
    },
    set: (key, value, sizeBytes) => {
      drop(key)
      entries.set(key, { value, sizeBytes })
      total += sizeBytes
      for (const oldest of entries.keys()) {
        if (total <= limitBytes || oldest === key) break
        drop(oldest)
      }
    },
  }
}
