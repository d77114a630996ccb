import ts from 'typescript'

/**
 * One mistake that could be in a file: the text from `start` to `end` reads `text` instead.
 *
 * @typedef {{ readonly start: number, readonly end: number, readonly text: string, readonly line: number, readonly what: string }} Mutant
 */

/** Operators and what a slip would make of them. @type {ReadonlyMap<ts.SyntaxKind, string>} */
const SLIPS = new Map([
  [ts.SyntaxKind.LessThanToken, '<='],
  [ts.SyntaxKind.LessThanEqualsToken, '<'],
  [ts.SyntaxKind.GreaterThanToken, '>='],
  [ts.SyntaxKind.GreaterThanEqualsToken, '>'],
  [ts.SyntaxKind.EqualsEqualsEqualsToken, '!=='],
  [ts.SyntaxKind.ExclamationEqualsEqualsToken, '==='],
  [ts.SyntaxKind.PlusToken, '-'],
  [ts.SyntaxKind.MinusToken, '+'],
  [ts.SyntaxKind.AsteriskToken, '/'],
  [ts.SyntaxKind.SlashToken, '*'],
  [ts.SyntaxKind.AmpersandAmpersandToken, '||'],
  [ts.SyntaxKind.BarBarToken, '&&'],
  [ts.SyntaxKind.PlusEqualsToken, '-='],
  [ts.SyntaxKind.MinusEqualsToken, '+='],
])

/** @param {ts.Node} node @returns {boolean} whether adding it makes a text and not a sum */
const isText = (node) => ts.isStringLiteralLike(node) || ts.isTemplateExpression(node)

/** @param {ts.Node} node @returns {boolean} the answer for an index that is never out of range: no test can tell it */
const isFallback = (node) =>
  ts.isBinaryExpression(node.parent) &&
  node.parent.operatorToken.kind === ts.SyntaxKind.QuestionQuestionToken &&
  node.parent.right === node

/**
 * @param {ts.Node} node
 * @returns {readonly (readonly [ts.Node, string])[]} parts of it, and what each could read instead
 */
function slipsAt(node) {
  if (ts.isBinaryExpression(node)) {
    const slip = SLIPS.get(node.operatorToken.kind)
    if (slip === undefined || isText(node.left) || isText(node.right)) return []
    return [[node.operatorToken, slip]]
  }
  if (ts.isIfStatement(node)) return [[node.expression, `!(${node.expression.getText()})`]]
  if (ts.isConditionalExpression(node)) return [[node.condition, `!(${node.condition.getText()})`]]
  if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.ExclamationToken)
    return [[node, node.operand.getText()]]
  if (ts.isNumericLiteral(node) && !isFallback(node)) return [[node, `(${node.getText()} + 1)`]]
  if (node.kind === ts.SyntaxKind.TrueKeyword) return [[node, 'false']]
  if (node.kind === ts.SyntaxKind.FalseKeyword) return [[node, 'true']]
  if (ts.isPropertyAccessExpression(node) && node.expression.getText() === 'Math') {
    if (node.name.text === 'min') return [[node.name, 'max']]
    if (node.name.text === 'max') return [[node.name, 'min']]
  }
  if (ts.isExpressionStatement(node) && ts.isCallExpression(node.expression)) return [[node, ';']]
  return []
}

/**
 * Every such mistake of a TypeScript file, in the order of the text.
 *
 * @param {string} text
 * @returns {readonly Mutant[]}
 */
export function mutantsOf(text) {
  const file = ts.createSourceFile('mutated.ts', text, ts.ScriptTarget.Latest, true)
  /** @type {Mutant[]} */
  const found = []
  /** @param {ts.Node} node */
  const visit = (node) => {
    if (ts.isTypeNode(node) || ts.isImportDeclaration(node) || ts.isInterfaceDeclaration(node)) return
    for (const [part, slip] of slipsAt(node)) {
      const [start, end] = [part.getStart(), part.getEnd()]
      const was = text.slice(start, end).replaceAll(/\s+/g, ' ')
      const line = file.getLineAndCharacterOfPosition(start).line + 1
      found.push({ start, end, text: slip, line, what: `${was} -> ${slip.replaceAll(/\s+/g, ' ')}` })
    }
    ts.forEachChild(node, visit)
  }
  visit(file)
  return found.sort((a, b) => a.start - b.start)
}

/** @param {string} text @param {Mutant} mutant @returns {string} */
export const mutated = (text, { start, end, text: slip }) => text.slice(0, start) + slip + text.slice(end)
