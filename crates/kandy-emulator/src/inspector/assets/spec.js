// The spec of the API: its operations, their documentation, and the differences of a request and its response from it.

export { chapters, operation, operations } from "./spec/document.js";
export { describe } from "./spec/describe.js";
export { isCredential, masked } from "./spec/masks.js";
export { mismatches } from "./spec/mismatches.js";
export { problemList } from "./spec/problems.js";
