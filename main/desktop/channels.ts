/** Names of the channels between main and preload. What a page can do over them is `DesktopBridge` of the contract. */

export const channels = {
  /** Page to main: a new document is there, and its connection's name. */
  open: 'dept:open',
  /** Both ways: a message of the contract, behind the name of its connection. */
  message: 'dept:message',
  /** Main to page: a command of the menu. */
  command: 'dept:command',
  choosePaths: 'dept:choose-paths',
  chooseHome: 'dept:choose-home',
  takeOpenedPaths: 'dept:take-opened-paths',
} as const;
