import vue from 'eslint-plugin-vue'
import tseslint from 'typescript-eslint'

// The budgets of the tree in TypeScript's terms: a file is one idea, a function fits on a screen.
const budgets = {
  'max-lines': ['error', { max: 400 }],
  'max-lines-per-function': ['error', { max: 60 }],
  complexity: ['error', 12],
  'max-params': ['error', 4],
  'no-warning-comments': ['error', { terms: ['todo', 'fixme', 'xxx'] }],
  'no-console': 'error',
  eqeqeq: 'error',
}

export default tseslint.config(
  { ignores: ['node_modules', 'src/client/schema.d.ts'] },
  ...tseslint.configs.strict,
  ...vue.configs['flat/recommended'],
  {
    files: ['**/*.vue'],
    languageOptions: { parserOptions: { parser: tseslint.parser } },
  },
  {
    rules: {
      ...budgets,
      'no-undef': 'off', // TypeScript knows
      'vue/multi-word-component-names': 'off',
      'vue/no-v-html': 'error', // what a user typed is text, always
      'vue/block-lang': ['error', { script: { lang: 'ts' } }],
      // Layout is prettier's business.
      'vue/max-attributes-per-line': 'off',
      'vue/singleline-html-element-content-newline': 'off',
      'vue/html-self-closing': 'off',
      'vue/html-indent': 'off',
      'vue/html-closing-bracket-newline': 'off',
      'vue/multiline-html-element-content-newline': 'off',
    },
  },
)
