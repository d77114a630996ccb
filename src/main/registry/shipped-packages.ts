/**
 * The packages that come with this program, by the sha256 of their manifest.json. A manifest says what a package was
 * made for, what warns of it and how its intervals were measured, which no run of its graphs shows: so the program knows
 * the whole text. Whoever exports one of them anew enters its new digest here.
 */
const SHIPPED: ReadonlyMap<string, string> = new Map([
  ['lidc-cflow-glow', '99e424b3476d5d54a7cf6029f59d0ae6512b814ad9dac77ce4bc64416f988cad'],
  ['lidc-cflow-planar', '02069c2ee2b363ecfc7b14c0b1f924a07f0800e3172724f6e65a43d669d4b040'],
  ['lidc-probunet', 'fedd0736db5e23eb4cb99985e1ed747794024e241cbb5f13b0cd342f03a6c1a5'],
  ['lidc-unet', '41a508722c5cfc0867281e82282036f3e484a19e3a02ad505976629600640214'],
  ['retina-cflow-glow', '7e4bc4c43d39c751666b29d71fc0b07f67b4e0993ce6641a93a11b0047730675'],
  ['retina-cflow-planar', 'bd865a1197d1491457aaf7a27a959c9c39cc329822e76591e964b1b1f482bea3'],
  ['retina-probunet', '4412b1525b62837686b5929a4957806cf64fc155d3b1755db525a89b72ba3f9c'],
  ['retina-unet', '51f3f39087975f5450c7fc8b18698b748ae2c9f88c9758e322cb9c9d3872089d'],
])

/** Hex; null: no package of this name comes with the program. */
export const shippedSha256 = (id: string): string | null => SHIPPED.get(id) ?? null
