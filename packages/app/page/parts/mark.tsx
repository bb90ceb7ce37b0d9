/** The sign of the house. */
export function Mark() {
  return (
    <span aria-hidden="true" className="grid size-9 shrink-0 place-items-center rounded-m bg-accent text-on-accent">
      <svg
        viewBox="0 0 24 24"
        className="size-5 fill-none stroke-current"
        strokeWidth="1.75"
        strokeLinecap="round"
        strokeLinejoin="round"
        aria-hidden="true"
      >
        <path d="M4 12c3-6 13-6 16 0-3 6-13 6-16 0Z" />
        <path d="M9 12h6" />
      </svg>
    </span>
  );
}
