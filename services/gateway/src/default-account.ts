/** The account that the first migration makes: the installation's own. Without API keys everything belongs to it. */
export const defaultAccountId = 1;
