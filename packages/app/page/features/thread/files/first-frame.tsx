interface FirstFrameProps {
  /** An address that only this page can open. */
  readonly url: string;
  readonly className: string;
  /** How large the film is shown, px; turned as its camera was. */
  readonly onSize?: (width: number, height: number) => void;
}

/** How a film begins, without playing it; nothing where this browser cannot read it. */
export function FirstFrame({ url, className, onSize }: FirstFrameProps) {
  return (
    <video
      // Some browsers draw nothing before they are asked for a moment of it.
      src={`${url}#t=0.001`}
      preload="metadata"
      muted
      playsInline
      disablePictureInPicture
      tabIndex={-1}
      aria-hidden="true"
      className={`pointer-events-none ${className}`}
      onLoadedMetadata={({ currentTarget: { videoWidth, videoHeight } }) => {
        if (videoWidth > 0 && videoHeight > 0) onSize?.(videoWidth, videoHeight);
      }}
    />
  );
}
