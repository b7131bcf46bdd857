// @ts-check
import { rmSync } from 'node:fs';
import { join } from 'node:path';

/** Binaries of ONNX Runtime for the other platforms stay out. */
const runtime = 'node_modules/onnxruntime-node/bin/*';
const files = ['package.json', 'dist/**', 'assets/**', '!dist/types', '!dist/stamps', '!**/*.map', '!**/*.{ts,md,markdown}', '!node_modules/**/{test,tests,docs,example,examples}/**'];
/** @param {string[]} others */
const without = (...others) => [...files, ...others.map((name) => `!${runtime}/${name}/**`)];

/**
 * What goes into the application and what it is made into.
 * @param {{ targets: 'folder' | 'release' }} options `folder`: unpacked and an archive, which need no further downloads
 * @returns {import('electron-builder').Configuration}
 */
export function packagingConfig({ targets }) {
  const release = targets === 'release';
  return {
    appId: 'app.latent-atelier',
    productName: 'Latent Atelier',
    copyright: 'MIT licence',
    directories: { output: 'release', buildResources: 'assets/icons' },
    // Worker threads, native libraries and the engine's process are started from plain files.
    asar: false,
    npmRebuild: false,
    compression: release ? 'normal' : 'store',
    publish: null,
    electronFuses: {
      // The engine probes each device in a process of its own, which is this program run as Node.
      runAsNode: true,
      enableCookieEncryption: false,
      enableNodeOptionsEnvironmentVariable: false,
      // Playwright drives the application through the inspector; what people install has none.
      enableNodeCliInspectArguments: !release,
      grantFileProtocolExtraPrivileges: false,
    },
    afterPack: ({ appOutDir, packager, electronPlatformName }) => {
      const resources = electronPlatformName === 'darwin' ? join(appOutDir, `${packager.appInfo.productFilename}.app`, 'Contents', 'Resources') : join(appOutDir, 'resources');
      rmSync(join(resources, 'default_app.asar'), { force: true });
      return Promise.resolve();
    },
    linux: {
      target: release ? ['AppImage', 'deb'] : ['dir', 'tar.gz'],
      executableName: 'latent-atelier',
      category: 'Graphics',
      icon: 'icon-1024.png',
      synopsis: 'Train latent-variable models on your own pictures and voices',
      maintainer: 'Latent Atelier contributors',
      files: without('darwin', 'win32'),
    },
    mac: {
      target: release ? ['dmg'] : ['dir', 'tar.gz'],
      // The system shows this when the microphone is asked for, and ends a program that has no such words.
      extendInfo: { NSMicrophoneUsageDescription: 'To record what is to be said in another voice. Recordings stay on this computer.' },
      category: 'public.app-category.graphics-design', icon: 'icon-1024.png',
      files: without('linux', 'win32'),
    },
    win: { target: release ? ['nsis'] : ['dir', 'zip'], icon: 'icon.ico', files: without('linux', 'darwin') },
    nsis: { oneClick: false, perMachine: false, allowToChangeInstallationDirectory: true },
  };
}
