/** The size of text that lengths are written for: what a browser gives whoever chose no other. */
const ROOT_PX = 16
/** Hairlines, rings of focus and the like stay as thin as they are. */
const LINE_PX = 3

/** @param {string} text @param {string} unit */
const inUnit = (text, unit) =>
  text.replaceAll(/(?<![\w.])(\d+(?:\.\d+)?)px\b/g, (whole, length) =>
    Number(length) < LINE_PX ? whole : `${Number(length) / ROOT_PX}${unit}`,
  )

/**
 * Lengths of style sheets stand as the design states them, in px at the usual size of text; what is built follows the
 * size that the person chose in the system or the browser. Bounds of the layout follow it too, so that large text on a
 * wide screen is laid out as usual text on a narrow one. What is laid over the image stays in px of the screen: it is
 * set by the page as it draws.
 *
 * @type {import('vite').CSSOptions['postcss'] & object}
 */
export const lengthsFollowText = {
  plugins: [
    {
      postcssPlugin: 'lengths-follow-text',
      Declaration(declaration) {
        declaration.value = inUnit(declaration.value, 'rem')
      },
      AtRule(rule) {
        if (rule.name === 'media') rule.params = inUnit(rule.params, 'em')
        if (rule.name === 'container') rule.params = inUnit(rule.params, 'rem')
      },
    },
  ],
}
