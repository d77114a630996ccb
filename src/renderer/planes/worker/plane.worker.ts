import type { PlaneRequest } from './plane-messages'
import { planeService } from './plane-service'

const answer = planeService((message, transfer) => {
  self.postMessage(message, { transfer })
})
self.addEventListener('message', ({ data }: MessageEvent<PlaneRequest>) => {
  answer(data)
})
