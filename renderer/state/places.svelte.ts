export type Place = 'map' | 'train' | 'studio' | 'voice' | 'data';

/** Places that exist, in the order of the rail; the key is the digit that opens them. */
export const places: readonly { id: Place; title: string; key: string }[] = [
  { id: 'map', title: 'Map', key: '1' },
  { id: 'train', title: 'Train', key: '2' },
  { id: 'studio', title: 'Studio', key: '3' },
  { id: 'voice', title: 'Voice', key: '4' },
  { id: 'data', title: 'Data', key: '5' },
];

class PlaceState {
  current = $state<Place>('map');
  /** Places that have been opened stay as they were left. */
  visited = $state.raw<ReadonlySet<Place>>(new Set<Place>(['map']));
  inspector = $state(true);

  go(place: Place): void {
    this.current = place;
    if (!this.visited.has(place)) this.visited = new Set([...this.visited, place]);
  }
}

export const place = new PlaceState();
