/** The end of the program: not before work under way was saved, or a person said that it need not be. */
import { app, type BrowserWindow } from 'electron';
import type { EngineHost } from '../host/engine-host.ts';
import { askPerson } from './message-box.ts';
import { APP_NAME } from './project.ts';

export interface QuittingOptions {
  readonly host: Pick<EngineHost, 'activeJobs' | 'close'>;
  readonly window: () => BrowserWindow | undefined;
  readonly log: (text: string) => void;
  readonly platform: NodeJS.Platform;
}

/** `staying`: without a window until the work is done. */
type Stage = 'open' | 'asking' | 'staying' | 'closing' | 'closed';

type Answer = 'save' | 'stay' | 'cancel';
const answers: readonly { readonly answer: Answer; readonly label: string }[] = [
  { answer: 'save', label: 'Stop, save and quit' },
  { answer: 'stay', label: 'Keep running in the background' },
  { answer: 'cancel', label: 'Cancel' },
];

export class Quitting {
  readonly #options: QuittingOptions;
  #stage: Stage = 'open';

  constructor(options: QuittingOptions) {
    this.#options = options;
    app.on('before-quit', (event) => {
      if (this.#stage === 'closed') return;
      event.preventDefault();
      void this.#quit();
    });
    app.on('window-all-closed', () => {
      if (options.platform !== 'darwin') app.quit();
    });
  }

  /** Closing the window is quitting, except on macOS, where the program stays in the Dock. */
  watch(window: BrowserWindow): void {
    window.on('close', (event) => {
      if (this.#stage === 'closed' || this.#options.platform === 'darwin') return;
      event.preventDefault();
      app.quit();
    });
    // Windows ends the session whatever is said: what can be saved in its few seconds is saved.
    window.on('session-end', () => void this.#close());
    window.on('show', () => {
      if (this.#stage === 'staying') this.#stage = 'open';
    });
  }

  /** To be called when a job has changed: the last one's end is what a program without a window waits for. */
  jobsChanged(): void {
    if (this.#stage === 'staying' && this.#options.host.activeJobs().length === 0) app.quit();
  }

  async #quit(): Promise<void> {
    const { host, window } = this.#options;
    if (this.#stage === 'asking') return;
    if (this.#stage === 'closing') {
      await this.#askWhileClosing();
      return;
    }
    if (host.activeJobs().length > 0) {
      this.#stage = 'asking';
      const answer = await this.#ask();
      this.#stage = answer === 'stay' ? 'staying' : 'open';
      if (answer === 'stay') {
        window()?.hide();
        this.jobsChanged(); // the work may have ended while the question stood
      }
      if (answer !== 'save') return;
    }
    await this.#close();
    app.quit();
  }

  /** Ends the host once; a failure there is written down and keeps nobody from leaving. */
  async #close(): Promise<void> {
    if (this.#stage === 'closing' || this.#stage === 'closed') return;
    this.#stage = 'closing';
    try {
      await this.#options.host.close();
    } catch (error) {
      this.#options.log(`quit: ${error instanceof Error ? error.stack : String(error)}`);
    }
    this.#stage = 'closed';
  }

  async #ask(): Promise<Answer> {
    const titles = this.#options.host.activeJobs().map(({ title }) => title);
    const response = await askPerson(this.#options.window(), {
      type: 'question',
      message: titles.length === 1 ? 'There is work under way' : `There are ${titles.length} jobs under way`,
      detail: `${titles.join('\n')}\n\nA run that is stopped is saved and can be resumed from where it was.`,
      buttons: answers.map(({ label }) => label),
      defaultId: 0,
      cancelId: 2,
    });
    return answers[response]!.answer;
  }

  /** A second wish to quit while the first is saving. */
  async #askWhileClosing(): Promise<void> {
    const response = await askPerson(this.#options.window(), {
      type: 'warning',
      message: `${APP_NAME} is still saving`,
      detail: 'What was saved at the last checkpoint stays in any case.',
      buttons: ['Wait', 'Quit at once'],
      defaultId: 0,
      cancelId: 0,
    });
    if (response === 1) app.exit(0);
  }
}
