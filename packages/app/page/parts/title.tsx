import { useEffect, useRef } from 'react';

interface TitleProps {
  readonly title: string;
  readonly className?: string;
}

/**
 * The title of a screen that took the place of another one. The keyboard and readers of screens go on here if nothing
 * else on it asks for the focus: the button that led here is gone.
 */
export function Title({ title, className = '' }: TitleProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (document.activeElement === document.body) heading.current?.focus({ preventScroll: true });
  }, []);
  return (
    <h1 ref={heading} tabIndex={-1} className={`outline-none ${className}`}>
      {title}
    </h1>
  );
}
