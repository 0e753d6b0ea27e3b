export type StatusShape = 'ok' | 'warn' | 'error' | 'firing' | 'gap' | 'release'

/** Each state has a shape of its own, so that colour never speaks alone. */
export function StatusIcon({ shape, size = 12 }: { shape: StatusShape; size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 16 16"
      aria-hidden="true"
      className={`icon-${shape}`}
    >
      <Shape shape={shape} />
    </svg>
  )
}

function Shape({ shape }: { shape: StatusShape }) {
  const stroke = {
    stroke: 'var(--bg1)',
    strokeWidth: 1.6,
    strokeLinecap: 'round',
    fill: 'none',
  } as const
  switch (shape) {
    case 'ok':
      return (
        <>
          <circle cx="8" cy="8" r="6.5" fill="currentColor" />
          <path d="M5.2 8.200l2 2 3.700-4" {...stroke} strokeLinejoin="round" />
        </>
      )
    case 'error':
      return (
        <>
          <circle cx="8" cy="8" r="6.5" fill="currentColor" />
          <path d="M5.700 5.700l4.600 4.600M10.300 5.700l-4.600 4.600" {...stroke} />
        </>
      )
    case 'warn':
      return (
        <>
          <rect x="2" y="2" width="12" height="12" rx="3" fill="currentColor" />
          <path d="M8 5v3.600" {...stroke} />
          <circle cx="8" cy="11" r=".9" fill="var(--bg1)" />
        </>
      )
    case 'firing':
      return (
        <>
          <path d="M8 1.800l6.600 11.600H1.400z" fill="currentColor" />
          <path d="M8 6v3.600" {...stroke} />
          <circle cx="8" cy="11.600" r=".9" fill="var(--bg1)" />
        </>
      )
    case 'release':
      return (
        <path
          d="M8 1.600L14.400 8 8 14.400 1.600 8z"
          fill="none"
          stroke="currentColor"
          strokeWidth="1.600"
        />
      )
    case 'gap':
      return (
        <>
          <rect
            x="2.500"
            y="2.500"
            width="11"
            height="11"
            rx="2"
            fill="none"
            stroke="currentColor"
            strokeWidth="1.300"
          />
          <path d="M4 12l8-8M4 8l4-4M8 12l4-4" stroke="currentColor" strokeWidth="1" />
        </>
      )
  }
}
