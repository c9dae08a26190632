import hooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

/** Types, promises and file size. Layers and cycles are in .dependency-cruiser.cjs. */
export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', '.venv/', 'test-results/', 'playwright-report/', 'docs/'] },
  ...tseslint.configs.recommended,
  {
    rules: {
      'max-lines': ['error', { max: 400 }],
      'no-console': 'error',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-restricted-syntax': ['error', { selector: 'ExportDefaultDeclaration', message: 'Name what you export.' }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
    },
  },
  {
    files: ['electron/**/*.ts', 'sync-server/**/*.ts'],
    ignores: ['**/*.test.ts', 'electron/model/**', 'electron/compute/**', 'sync-server/wire/**'],
    languageOptions: { parserOptions: { project: './tsconfig.json', tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: false }],
    },
  },
  { files: ['renderer/**/*.{ts,tsx}'], plugins: { 'react-hooks': hooks }, rules: { ...hooks.configs.recommended.rules, 'react-hooks/incompatible-library': 'off' } },
  { files: ['*.config.{ts,js}', 'e2e/*.config.ts'], rules: { 'no-restricted-syntax': 'off' } },
  { files: ['electron/cli/**', 'electron/daybook.mjs', 'electron/build.mjs', 'e2e/**', 'resources/**'], rules: { 'no-console': 'off' } },
);
