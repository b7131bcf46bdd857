/** Kinds of files that sound is written as. */
export type SoundFormat = 'wav' | 'flac' | 'mp3';

export const formats: readonly { value: SoundFormat; label: string; note: string }[] = [
  { value: 'wav', label: 'WAV', note: 'Every program reads it' },
  { value: 'flac', label: 'FLAC', note: 'Lossless, about half as large' },
  { value: 'mp3', label: 'MP3', note: 'Small, loses a little' },
];

/** Sampling rates that a kind of file takes, in Hz. */
export const ratesOf = (format: SoundFormat): readonly number[] => (format === 'mp3' ? [22_050, 44_100, 48_000] : [16_000, 22_050, 44_100, 48_000, 96_000]);
