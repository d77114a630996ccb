/** Least recently used values, bounded by their bytes. */
export interface ByteCache<T> {
  readonly get: (key: string) => T | undefined
  readonly set: (key: string, value: T, sizeBytes: number) => void
  readonly clear: () => void
}

/** A cache of at most `limitBytes`; a value larger than that is not kept. */
export function createByteCache<T>(limitBytes: number): ByteCache<T> {
  const kept = new Map<string, { readonly value: T; readonly sizeBytes: number }>()
  let totalBytes = 0
  const remove = (key: string): void => {
    totalBytes -= kept.get(key)?.sizeBytes ?? 0
    kept.delete(key)
  }
  return {
    get: (key) => {
      const found = kept.get(key)
      if (found === undefined) return undefined
      // A Map keeps its order of insertion: put back, the key is the youngest.
      kept.delete(key)
      kept.set(key, found)
      return found.value
    },
    set: (key, value, sizeBytes) => {
      remove(key)
      if (sizeBytes > limitBytes) return
      kept.set(key, { value, sizeBytes })
      totalBytes += sizeBytes
      for (const oldest of kept.keys()) {
        if (totalBytes <= limitBytes) break
        remove(oldest)
      }
    },
    clear: () => {
      kept.clear()
      totalBytes = 0
    },
  }
}
