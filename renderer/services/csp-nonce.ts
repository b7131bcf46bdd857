/** What a style element has to carry to be let in by the policy of the page. */
export const cspNonce = (): string => document.querySelector<HTMLMetaElement>('meta[property=csp-nonce]')?.nonce ?? '';
