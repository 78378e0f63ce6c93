/** Puts the app into the page. */
import './zod-without-eval.ts'; // before the first schema is made
import './styles/tokens.css';
import './styles/base.css';
import './styles/controls.css';
import './styles/forced-colours.css';
import { mount } from 'svelte';
import App from './app.svelte';

mount(App, { target: document.body });
