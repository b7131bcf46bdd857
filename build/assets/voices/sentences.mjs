/** Sentences for synthetic voices to say: our own words, drawn by seed, with every sound of English in them. */

const people = 'the baker,my younger brother,a retired judge,the quiet girl next door,our teacher,the captain,Doctor Howard,an old shepherd,the youngest child,a stranger in a yellow coat,the choir,Missus Vaughan,the plumber,a thoughtful engineer,both of the twins,the new librarian,Zachary,your cousin Ruth,the mayor,nobody we know'.split(',');
const acts = 'watched,painted,carried,measured,described,borrowed,repaired,counted,forgot,followed,chose,gathered,weighed,hid,photographed,bought,explained,threw away,unwrapped,admired,judged,polished,pushed,found,shook'.split(',');
const things = 'the wooden boat,five green bottles,a jar of honey,the broken clock,an orange umbrella,the thin paper,a huge azure vase,the church bell,fresh fish and vegetables,the last page of the book,a pair of leather gloves,seven little mushrooms,the garage door,an unusual treasure,the royal crown,a cup of weak tea,the kitchen table,a fuzzy blue scarf,the measuring tape,half of the oysters,a heavy stone,the whole orchestra,the iron bridge,a thousand feathers,the zebra at the zoo'.split(',');
const places = 'near the harbour,under the old oak,beyond the river,at the edge of the village,in the south of France,behind the cinema,on the third floor,beside the railway,throughout the valley,in front of the fire,outside the shop,across the road,by the church wall,between two hills,around the corner,at the university'.split(',');
const times = 'before sunrise,on Wednesday,after the storm,every other month,during the long vacation,just as the sun came out,at a quarter past eight,years ago,without saying a word,for the first time,with great pleasure,as usual,while it was raining,in less than an hour,and laughed about it,because the weather had changed'.split(',');
const asides = 'Are you sure that,They say that,It is hardly surprising that,I would rather believe that,Perhaps,We were told yesterday that,How odd it was when,Nobody noticed that,Everyone remembers how,In the end'.split(',');
const numbers = 'one,two,three,four,five,six,seven,eight,nine,ten,eleven,twelve,fifteen,twenty,thirty six,forty eight,seventy,ninety nine,a hundred'.split(',');

/** A number below 1 that follows from the one before (mulberry32). */
function draws(seed) {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), a | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** @param {number} count @param {number} seed @returns {string[]} */
export function sentences(count, seed) {
  const next = draws(seed);
  const of = (list) => list[Math.floor(next() * list.length)];
  const forms = [
    () => `${of(asides)} ${of(people)} ${of(acts)} ${of(things)} ${of(places)}.`,
    () => `${of(people)} ${of(acts)} ${of(things)} ${of(times)}.`,
    () => `${of(places)}, ${of(people)} ${of(acts)} ${of(things)}.`,
    () => `${of(people)} ${of(acts)} ${of(numbers)} of them, and ${of(people)} ${of(acts)} ${of(things)} ${of(times)}.`,
    () => `${of(times)}, ${of(people)} ${of(acts)} ${of(things)} ${of(places)}.`,
  ];
  return Array.from({ length: count }, () => of(forms)()).map((text) => text[0].toUpperCase() + text.slice(1));
}
