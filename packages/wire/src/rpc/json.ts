/** An object as JSON knows it, not a list. */
export type JsonObject = { readonly [key: string]: unknown };

/** Whether a parsed JSON value is an object; null and lists are not. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
