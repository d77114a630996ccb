import boundaries from 'eslint-plugin-boundaries'
import vue from 'eslint-plugin-vue'
import ts from 'typescript-eslint'
import vueParser from 'vue-eslint-parser'
import { rooms, sides } from './scripts/rooms.js'

/** A room is an element of its own; files that stand beside the rooms (the version, the page's entry) are their side's. */
const elements = Object.keys(sides).flatMap((side) => [
  ...(rooms[side] ?? []).map((room) => ({ type: `${side}/${room}`, pattern: `src/${side}/${room}` })),
  { type: side, pattern: `src/${side}` },
])

/**
 * @param {string} side
 * @param {readonly string[]} own rooms of its own side that may be imported
 */
const allowed = (side, own) => [
  side,
  ...own.map((room) => `${side}/${room}`),
  ...(sides[side] ?? []).flatMap((other) => [
    other,
    ...(rooms[other] ?? []).map((room) => `${other}/${room}`),
  ]),
]

const policies = Object.keys(sides).flatMap((side) => [
  {
    from: { element: { type: side } },
    allow: { to: { element: { type: allowed(side, rooms[side] ?? []) } } },
  },
  ...(rooms[side] ?? []).map((room, level) => ({
    from: { element: { type: `${side}/${room}` } },
    allow: { to: { element: { type: allowed(side, (rooms[side] ?? []).slice(0, level + 1)) } } },
  })),
])

export default ts.config(
  {
    ignores: ['out/**', 'build/**', 'coverage/**', '.venv/**', 'trainer/**', 'models/**', 'node_modules/**'],
  },
  ...ts.configs.strictTypeChecked,
  ...vue.configs['flat/recommended'],
  {
    languageOptions: {
      parserOptions: {
        // One program for all files: each of the runtimes' own would read the same sources again.
        project: ['./tsconfig.lint.json'],
        tsconfigRootDir: import.meta.dirname,
        extraFileExtensions: ['.vue'],
      },
    },
  },
  {
    files: ['**/*.vue'],
    languageOptions: { parser: vueParser, parserOptions: { parser: ts.parser } },
  },
  {
    plugins: { boundaries },
    settings: {
      'boundaries/elements': elements,
      'import/resolver': { node: { extensions: ['.ts', '.vue', '.js'] } },
    },
    rules: {
      'boundaries/dependencies': [
        'error',
        {
          default: 'disallow',
          policies,
        },
      ],
      'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      'vue/html-self-closing': 'off',
      'vue/max-attributes-per-line': 'off',
      'vue/singleline-html-element-content-newline': 'off',
      'vue/html-indent': 'off',
      'vue/html-closing-bracket-newline': 'off',
      'vue/multi-word-component-names': 'off',
      'vue/first-attribute-linebreak': 'off',
      'vue/multiline-html-element-content-newline': 'off',
    },
  },
  {
    files: ['**/*.test.ts', 'test/**/*.ts'],
    rules: { 'max-lines-per-function': 'off', 'boundaries/dependencies': 'off' },
  },
  {
    files: ['scripts/**/*.js', 'bin/*.js', 'eslint.config.js'],
    rules: {
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-deprecated': 'off',
    },
  },
)
