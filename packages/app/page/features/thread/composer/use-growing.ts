import { type RefObject, useLayoutEffect } from 'react';

/** A box that grows with its text up to the height that the styles allow. */
export function useGrowing(box: RefObject<HTMLTextAreaElement | null>, text: string): void {
  useLayoutEffect(() => {
    const area = box.current;
    const form = area?.form;
    if (area === null || !form) return;
    // While it is measured nothing around it moves: that would scroll the messages away from their end.
    form.style.height = `${form.offsetHeight}px`;
    area.style.height = 'auto';
    const border = area.offsetHeight - area.clientHeight;
    if (text !== '') area.style.height = `${area.scrollHeight + border}px`;
    form.style.height = '';
  }, [box, text]);
}
