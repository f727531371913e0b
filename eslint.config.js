import { defineConfig } from "eslint/config";
import tseslint from "typescript-eslint";

const SRC = ["src/**/*.ts"];
const TESTS = ["test/**/*.ts"];

/** Files that may name the native addon. */
const NATIVE_FACES = ["src/hal/native.ts", "src/virtual/native.ts"];

/** Files that own standard output. */
const STDOUT_OWNERS = ["src/main.ts", "src/commands/**/*.ts"];

const noPrivateKeyword = {
  selector:
    ":matches(PropertyDefinition, MethodDefinition[kind!='constructor'], AccessorProperty)[accessibility='private']",
  message: "Use a #private member.",
};
const noModuleState = {
  selector:
    "Program > VariableDeclaration[kind='let'], Program > ExportNamedDeclaration > VariableDeclaration[kind='let']",
  message: "No module-level state: make it a member of an object that somebody creates.",
};
const noAddonPath = {
  selector: "Literal[value=/\\.node$/], TemplateElement[value.cooked=/\\.node$/]",
  message: "Only src/hal/native.ts and src/virtual/native.ts load an addon.",
};

export default defineConfig(
  { ignores: ["build/", "dist/", "coverage/", ".cache/"] },
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    // A rule that does not fit is changed here, with its reason, not switched off in a file.
    linterOptions: { noInlineConfig: true },
    rules: {
      eqeqeq: "error",
      "no-console": "error",
      "no-param-reassign": "error",
      "no-restricted-exports": [
        "error",
        {
          restrictDefaultExports: { direct: true, named: true, defaultFrom: true, namedFrom: true },
        },
      ],
      "no-restricted-syntax": ["error", noPrivateKeyword],
      "object-shorthand": "error",
      "prefer-const": "error",
      "@typescript-eslint/consistent-type-exports": "error",
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/explicit-module-boundary-types": "error",
      "@typescript-eslint/switch-exhaustiveness-check": [
        "error",
        { considerDefaultExhaustiveForUnions: true },
      ],
      // Numbers print well; everything else is turned into text by hand.
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      // A bit loop that never ends is written `for (;;)`; `while (true)` says the same.
      "@typescript-eslint/no-unnecessary-condition": [
        "error",
        { allowConstantLoopConditions: "only-allowed-literals" },
      ],
    },
  },
  {
    files: SRC,
    rules: {
      "max-lines": ["error", { max: 300, skipBlankLines: true, skipComments: true }],
      "no-restricted-syntax": ["error", noPrivateKeyword, noModuleState, noAddonPath],
    },
  },
  {
    files: NATIVE_FACES,
    rules: { "no-restricted-syntax": ["error", noPrivateKeyword, noModuleState] },
  },
  {
    files: SRC,
    ignores: STDOUT_OWNERS,
    rules: {
      "no-restricted-properties": [
        "error",
        {
          object: "process",
          property: "stdout",
          message: "Standard output belongs to the commands.",
        },
      ],
    },
  },
  {
    files: TESTS,
    rules: {
      // A test states what is there; when it is not, the failure is the message.
      "@typescript-eslint/no-non-null-assertion": "off",
      // Vectors are JSON; the test that reads them states their shape.
      "@typescript-eslint/no-unnecessary-type-parameters": "off",
    },
  },
);
