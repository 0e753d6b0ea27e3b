import { createTheme, MantineProvider, type MantineColorsTuple } from '@mantine/core'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { RequestError } from './api/client.ts'
import { cspNonce } from './lib/csp-nonce.ts'
import { router } from './router.tsx'

const neutral: MantineColorsTuple = [
  '#f5f6f8',
  '#e9ecf0',
  '#d2d8df',
  '#aeb6c2',
  '#868f9c',
  '#606a79',
  '#47505e',
  '#2e363f',
  '#1f252c',
  '#12161c',
]

const theme = createTheme({
  fontFamily: 'var(--font)',
  fontFamilyMonospace: 'var(--mono)',
  fontSizes: { xs: '11.5px', sm: '12.5px', md: '13px', lg: '14.5px', xl: '17px' },
  radius: { xs: '4px', sm: '6px', md: '6px', lg: '10px', xl: '10px' },
  defaultRadius: 'sm',
  colors: { neutral },
  primaryColor: 'neutral',
  primaryShade: { light: 9, dark: 1 },
  components: {
    NativeSelect: { defaultProps: { size: 'xs' } },
    TextInput: { defaultProps: { size: 'xs' } },
    NumberInput: { defaultProps: { size: 'xs', hideControls: true } },
    Switch: { defaultProps: { size: 'xs', withThumbIndicator: false } },
    Popover: {
      defaultProps: {
        offset: 6,
        trapFocus: true,
        returnFocus: true,
        transitionProps: { duration: 0 },
      },
    },
    // Locking the scroll would inject a style tag without our nonce.
    Modal: { defaultProps: { lockScroll: false } },
  },
})

const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      // Data is pushed: nothing is fetched again because a window got the focus or time passed.
      staleTime: 60_000,
      refetchOnWindowFocus: false,
      refetchOnReconnect: false,
      retry: (count, error) =>
        count < 2 && error instanceof RequestError && (error.status === 0 || error.status >= 500),
      retryDelay: (count) => Math.min(4_000, 500 * 2 ** count),
    },
  },
})

export function App() {
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto" getStyleNonce={cspNonce}>
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>
  )
}
