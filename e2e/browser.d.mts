/** Types of browser.mjs, which test.mjs runs without a build. */
export function installedBrowser(): Promise<string | undefined>;
export function findBrowser(): Promise<string | undefined>;
export const browserFlags: string[];
