"""The frequency convention, and the masks, filters and spectra that follow it.

Conventions, used by the whole package:

- Images are float32 `(N, H, W, C)` in [0, 1].
- Frequency maps are *centred*: DC lies at `[H // 2, W // 2]`, rows are vertical and columns
  horizontal frequency, and the unit is cycles per image. The radius of a cell is
  `r(u, v) = sqrt(u^2 + v^2)`. The conjugate of centred row `i` is `(2 * (H // 2) - i) % H`, for odd
  and even sizes alike. Amplitudes are those of the unnormalised FFT.
- Masks are boolean `(H, W)`, True = kept, and symmetric under conjugation: `(u, v)` and
  `(-u, -v)` are kept or removed together, since removing one alone would make complex images.
- A low-pass keeps `r < radius`, a high-pass is its exact complement. Bands are `low <= r < high`.
- `neutral` is what an image without its DC becomes: filters act on `images - neutral` and add
  `neutral` back, so that low-pass + high-pass - neutral = the image. Filtered images may leave
  [0, 1] and are never clipped.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
