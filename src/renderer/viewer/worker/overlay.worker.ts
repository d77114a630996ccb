import type { OverlayRequest } from './overlay-messages'
import { overlayService } from './overlay-service'

const answer = overlayService(
  (message, transfer) => {
    self.postMessage(message, { transfer })
  },
  (act) => {
    setTimeout(act)
  },
)
self.addEventListener('message', ({ data }: MessageEvent<OverlayRequest>) => {
  answer(data)
})
