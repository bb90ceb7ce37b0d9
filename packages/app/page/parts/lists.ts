/** `3, 7 and 12`, as the language writes it. */
export function listOf(items: readonly (string | number)[], language: string): string {
  return new Intl.ListFormat(language === 'en' ? 'en-GB' : language).format(items.map(String));
}
