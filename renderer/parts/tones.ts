/** The tones a part can speak in; each is a foreground token and a soft background. */
export type Tone = 'neutral' | 'accent' | 'good' | 'warning' | 'bad';
