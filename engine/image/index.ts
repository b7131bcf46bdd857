export { decodeBmp, type RawPicture } from './bmp.ts';
export { decodePicture, decodeWhole, pictureInfo, squareUp, PICTURE_ENDINGS, type Fit, type PictureInfo } from './decode.ts';
export { decodeSheet, encodePicture, encodeSheet, shrink, toBytes, toFloats, type EncodeOptions, type Picture, type Sheet } from './encode.ts';
export { openSprite, spriteCell, type OpenSprite } from './sprite.ts';
export { CLIP_ENDINGS, clipInfo, decodeClip, decodeFrames } from './clip.ts';
export { encodeFilm } from './film.ts';
export { filmOfStrips, middleFrames } from './strip-film.ts';
export { cutTiles, joinTiles } from './tiles.ts';
