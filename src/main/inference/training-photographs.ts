/**
 * The photographs that the shipped models of vessels have learned from: 14 of CHASE_DB1 and 10 of STARE (12 patients),
 * by the name of the file in its set and the sha256 of its pixels, 8-bit RGB row by row. The split by patient is that
 * of the packages' manifests.
 */
export const TRAINING_PHOTOGRAPHS: readonly (readonly [name: string, pixelsSha256: string])[] = [
  ['Image_01L', '2ed3089a092f51fc34d14c80828e031153a8306d7daeeb97a3dd03a29d64a27b'],
  ['Image_01R', '7c094432c4df19abf3143f155412a63b38e3188a07462975f117be7be93bab36'],
  ['Image_03L', 'a82c642131b1968e20c45d19cffe23daea5e806cb6600d6feb58d09e4d833561'],
  ['Image_03R', 'b64e3c38d89b164247097e50e5432a869fc1bda4bb12ae5937524dfb356d3595'],
  ['Image_04L', 'da1500a9b22660c6a9711fc0fe796dc4f1c40e8dd15f7ed73e9f7f898fdeebf3'],
  ['Image_04R', '71338cca8eccee079abcbe1bee65b03f264c74a93f1813ed2105bb41541457a7'],
  ['Image_05L', '61bb2e3e734494fb6682618fbca85204d5befba563372a39b10eb41f79c6e774'],
  ['Image_05R', '173d0ce78561c2c01d1a4076fc8cf6b6ab9cc1bc380a4dd3f453a61cb0fdf46a'],
  ['Image_06L', '4e35d145f7f50190893455af355056b55e4bdf3b49e6b60cce549557e15cb941'],
  ['Image_06R', 'fa9e5d0ad5b80b65b9060d15e381def134042cfc0607bb99426fd7ee16e5444a'],
  ['Image_11L', '6f2fa4083ef343b94f717c32ac2d8ed3487216c1c0062c606543590c029917d3'],
  ['Image_11R', 'da1fe66481a5802c1d4db2461ccfc7e4bd9074307877024ec62576ef91d07c84'],
  ['Image_12L', '8f9103cc43d6965b1f65be7aaccdd32ea25b0fb579a69120918e21b60ebfcd34'],
  ['Image_12R', '62f6a686be48d107c1d0ebbfd5e4a6884569bdae80c46461c483492bfe16477f'],
  ['im0001', 'd5860371f0b8fef49b578a4894112a953f16f7e753291256c35bff9c2543e7bc'],
  ['im0002', '8629cb7d62a563ca34c434b6c5c0e44a2c69023a7c1216f677dc8b5be2cc06d6'],
  ['im0003', '8090a8aa0f9a8fb12a1f36d7b5312059d00abffca085a89ec08b55779c8c7651'],
  ['im0004', '4d8b9d95c387f208a9e5b2021bae52e367bc4bd115954e4444839e32dfbc00f0'],
  ['im0005', '1a0b664d3d573e71d85b774664ac9f0f0edb01f47bba29f57d01c3088456fdbd'],
  ['im0139', 'abd1753b13e038690b704dd5dcf08f865dc7cd30e362cc14dba2caec365d6785'],
  ['im0239', '89af1796c823b1ed4d9af9a2f15a6b39bf8b805d7540e51cfc43e9cc4bd3f2d0'],
  ['im0240', '8df2791c24828431cd282d73cab0e633ed50ecb3f00260b28acf3a1cf9b1e325'],
  ['im0319', '0c2c50a38c8becd9f94f27654f90ae8418ef9c89a9fd9f1b868f1a9e79eb9ba3'],
  ['im0324', 'f8a10721f47e4dc8a3a1f9f0123f12db059fbe399c75831786ecfc9c7a9b95ee'],
]

/** Of CHASE_DB1 and of STARE. */
export const TRAINING_PHOTOGRAPH_PIXELS: readonly number[] = [999 * 960, 700 * 605]
