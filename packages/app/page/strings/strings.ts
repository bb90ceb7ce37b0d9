import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import { isolated } from '../parts/directions.ts';
import en from './en.json';

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'translation';
    resources: { translation: typeof en };
  }
}

/** Languages that the page speaks, by their own names. A new one is a file beside `en.json` and a line here. */
export const LANGUAGES: Readonly<Record<string, { readonly name: string; readonly strings: typeof en }>> = {
  en: { name: 'English', strings: en },
};

/** Makes the strings ready; synchronous, because they are part of the page. */
export function startStrings(): void {
  const resources = Object.fromEntries(
    Object.entries(LANGUAGES).map(([language, { strings }]) => [language, { translation: strings }]),
  );
  i18next.use(initReactI18next).init({
    lng: 'en',
    fallbackLng: 'en',
    resources,
    initAsync: false,
    // React escapes what it shows; what is left to do is to keep the sentence's direction.
    interpolation: { escape: isolated },
  });
}
