import { app, type Session, type WebContents } from 'electron';
import { isOurPage } from './pages.ts';

/** Pages that asked for the microphone by a person's act and have not given it back. */
const listening = new WeakSet<WebContents>();

export function allowMicrophone(contents: WebContents, wanted: boolean): void {
  if (wanted) listening.add(contents);
  else listening.delete(contents);
}

/** Nothing is loaded from elsewhere, whoever asks, and no permission is given but the microphone when the page wants it. */
export function guardSession(session: Session): void {
  void session.setProxy({ mode: 'direct' });
  session.webRequest.onBeforeRequest((details, answer) => {
    answer({ cancel: !/^(app:\/\/atelier\/|blob:app:\/\/atelier\/|data:|devtools:)/.test(details.url) });
  });
  session.setPermissionRequestHandler((contents, permission, answer, details) => {
    const types = 'mediaTypes' in details ? (details.mediaTypes ?? []) : [];
    const sound = permission === 'media' && types.length > 0 && types.every((type) => type === 'audio');
    answer(sound && details.isMainFrame && isOurPage(details.requestingUrl) && listening.has(contents));
  });
  session.setPermissionCheckHandler((contents, permission, origin, details) => {
    return permission === 'media' && details.mediaType === 'audio' && isOurPage(origin) && contents !== null && listening.has(contents);
  });
  session.setDevicePermissionHandler(() => false);
}

/** No window leaves our page, opens another or embeds one. */
export function guardContents(): void {
  app.on('web-contents-created', (_event, contents) => {
    contents.setWindowOpenHandler(() => ({ action: 'deny' }));
    contents.on('will-attach-webview', (event) => event.preventDefault());
    contents.on('will-frame-navigate', (event) => {
      if (!isOurPage(event.url)) event.preventDefault();
    });
    contents.on('will-redirect', (event) => {
      if (!isOurPage(event.url)) event.preventDefault();
    });
  });
}
