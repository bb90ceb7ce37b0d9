import { type RefObject, useEffect, useRef } from 'react';

/**
 * For a form or a group of fields: whenever something is found wrong (each time another value, or `null` in between),
 * the first field that tells of it gets the focus; if none does, the button that was pressed has it again.
 */
export function useFocusOnMistake<Fields extends HTMLElement>(found: object | string | null): RefObject<Fields | null> {
  const fields = useRef<Fields>(null);
  useEffect(() => {
    if (found === null) return;
    const wrong = fields.current?.querySelector<HTMLElement>('[aria-invalid=true]');
    const pressed = fields.current?.querySelector<HTMLElement>('[type=submit]');
    if (wrong) wrong.focus();
    else if (document.activeElement === document.body) pressed?.focus();
  }, [found]);
  return fields;
}
