export function Logo() {
  return (
    <svg width="20" height="20" viewBox="0 0 20 20" aria-hidden="true" className="logo">
      <circle cx="10" cy="10" r="7.2" fill="none" stroke="var(--t1)" strokeWidth="1.7" />
      <path d="M.5 10h5M14.5 10h5" stroke="var(--t1)" strokeWidth="1.7" />
      <circle cx="10" cy="10" r="2.1" fill="var(--s3)" />
    </svg>
  )
}
