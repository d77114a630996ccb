/** The three ways to look at samples, as the switch names them. */
export const VIEW_MODES = [
  { value: 'contours', text: 'Contours' },
  { value: 'bands', text: 'Bands' },
  { value: 'map', text: 'Map' },
] as const
