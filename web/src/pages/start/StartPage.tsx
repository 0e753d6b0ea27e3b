import { PageFrame } from '../../shell/PageFrame.tsx'

export function StartPage() {
  return <PageFrame title="Connect an application">{null}</PageFrame>
}
