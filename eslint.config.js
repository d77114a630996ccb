import boundaries from 'eslint-plugin-boundaries'
import vue from 'eslint-plugin-vue'
import ts from 'typescript-eslint'
import vueParser from 'vue-eslint-parser'

const elements = ['contract', 'core', 'main', 'preload', 'renderer'].map((type) => ({
  type,
  pattern: `src/${type}`,
}))

/** Folders under core, lowest first: each may import itself and what stands left of it (design: imports run one way). */
const coreFolders = [
  'types',
  'geometry',
  'image',
  'sampling',
  'contour',
  'dicom',
  'uncertainty',
  'measures',
  'annotation',
  'lidc',
  'exchange',
  'phantom',
]

/** @type {import('typescript-eslint').ConfigArray} */
const coreDownwards = coreFolders.map((folder, level) => ({
  files: [`src/core/${folder}/**/*.ts`],
  ignores: ['**/*.test.ts'],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: [
          {
            group: coreFolders.slice(level + 1).map((higher) => `../${higher}/*`),
            message: `core/${folder} stands below this folder: imports under core run downwards only.`,
          },
        ].filter((pattern) => pattern.group.length > 0),
      },
    ],
  },
}))

export default ts.config(
  {
    ignores: ['out/**', 'build/**', 'coverage/**', '.venv/**', 'trainer/**', 'models/**', 'node_modules/**'],
  },
  ...ts.configs.strictTypeChecked,
  ...vue.configs['flat/recommended'],
  {
    languageOptions: {
      parserOptions: {
        project: [
          './tsconfig.core.json',
          './tsconfig.main.json',
          './tsconfig.preload.json',
          './tsconfig.renderer.json',
          './tsconfig.test.json',
        ],
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
          policies: [
            { from: { element: { type: 'contract' } }, allow: { to: { element: { type: ['contract'] } } } },
            {
              from: { element: { type: 'core' } },
              allow: { to: { element: { type: ['core', 'contract'] } } },
            },
            {
              from: { element: { type: 'main' } },
              allow: { to: { element: { type: ['main', 'core', 'contract'] } } },
            },
            {
              from: { element: { type: 'preload' } },
              allow: { to: { element: { type: ['preload', 'contract'] } } },
            },
            {
              from: { element: { type: 'renderer' } },
              allow: { to: { element: { type: ['renderer', 'core', 'contract'] } } },
            },
          ],
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
  ...coreDownwards,
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
