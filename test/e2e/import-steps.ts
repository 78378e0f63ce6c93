/** An import as a person goes through it: where it is, what was found, its name, the work. */
import type { Locator, Page } from 'playwright-core';
import { goTo } from './app.ts';

export class ImportSteps {
  readonly page: Page;
  readonly dialog: Locator;

  constructor(page: Page) {
    this.page = page;
    this.dialog = page.getByRole('dialog', { name: 'Import a dataset' });
  }

  /** Opens it in a fresh page: it keeps what was typed before. */
  async open(): Promise<void> {
    await goTo(this.page, '#/datasets');
    await this.page.reload();
    await this.page.getByRole('button', { name: 'Import a dataset…' }).first().click();
    await this.dialog.waitFor();
  }

  /** The first step by a typed path, up to what was found there or the error. */
  async type(path: string): Promise<void> {
    await this.dialog.getByLabel('Path on this machine').fill(path);
    await this.dialog.getByRole('button', { name: 'Add', exact: true }).click();
    await this.lookAt();
  }

  async lookAt(): Promise<void> {
    await this.dialog.getByRole('button', { name: 'Look at it' }).click();
  }

  /** From what was found to the work. */
  async goOn(name: string): Promise<void> {
    await this.press('Continue');
    await this.dialog.getByLabel('Name').fill(name);
    await this.press('Import');
  }

  /** A button; of two, as the cross and the word `Close`, the one at the foot. */
  async press(button: string): Promise<void> {
    await this.dialog.getByRole('button', { name: button, exact: true }).last().click();
  }

  /** Waits until the dialog says this. */
  async says(text: string | RegExp): Promise<void> {
    try {
      await this.dialog.getByText(text).first().waitFor();
    } catch (cause) {
      throw new Error(`Expected ${text}; the dialog says: ${await this.dialog.innerText()}`, { cause });
    }
  }

  async close(): Promise<void> {
    await this.page.keyboard.press('Escape');
    await this.dialog.waitFor({ state: 'hidden' });
  }
}
