/** Tracking: which faces of a stream's pictures are one and the same over time, as in core/streams/tracking.py. */

import mien from "../mien.json" with { type: "json" };
import { centreOf } from "../faces/geometry.js";
import { appearanceOf, unit } from "./appearance.js";
import { assignment } from "./assignment.js";

/** @typedef {import("../faces/finder.js").Face} Face */
/** @typedef {import("../faces/geometry.js").Point} Point */

/**
 * @typedef {object} Seen A face with what it is known by.
 * @property {Face} face
 * @property {Point} place Middle of the face's box, in pixels.
 * @property {number} side Side length of the face's box, in pixels.
 * @property {number[]} appearance
 */

// Lengths are in sides of the face's box and times in seconds, so that neither resolution nor frame rate matters.
const {
  APPEARANCE_S, CALM, COASTING_S, ELSEWHERE, FAR, HIDDEN_S, LATER_S, NEAR, PAUSE_S, RESIZE, SPEED, UNLIKE, UNLIKE_LATER,
  VELOCITY_S,
} = mien["streams/tracking"]; // prettier-ignore

class Track {
  /**
   * @param {number} number
   * @param {Seen} seen
   * @param {number} timeS
   */
  constructor(number, { face, place, side, appearance }, timeS) {
    this.number = number;
    this.face = face;
    this.place = place;
    this.side = side;
    /** @type {Point} Pixels a second. */
    this.velocity = [0, 0];
    this.appearances = [appearance, appearance]; // the last one and the usual one
    this.seenS = timeS;
    /** @type {number | null} Since when it is missing. */
    this.missingS = null;
  }

  /** @param {number} timeS */
  isGone(timeS) {
    return timeS - this.seenS > PAUSE_S || (this.missingS !== null && timeS - this.missingS > HIDDEN_S);
  }

  /**
   * How far it should have moved since it was seen, in pixels.
   *
   * @param {number} timeS
   * @returns {Point}
   */
  shift(timeS) {
    const passed = COASTING_S * forgotten(timeS - this.seenS, COASTING_S);
    return [this.velocity[0] * passed, this.velocity[1] * passed];
  }

  /**
   * @param {number} timeS
   * @param {Seen} seen
   */
  see(timeS, { face, place, side, appearance }) {
    const passed = timeS - this.seenS;
    const [across, down] = this.shift(timeS);
    if (Math.hypot(place[0] - this.place[0] - across, place[1] - this.place[1] - down) > FAR * side) {
      this.velocity = [0, 0]; // known by its appearance after a cut or a gap: no movement
    } else if (passed > 0) {
      const share = forgotten(passed, VELOCITY_S);
      const newest = [(place[0] - this.place[0]) / passed, (place[1] - this.place[1]) / passed];
      const [x, y] = this.velocity;
      this.velocity = [x + (newest[0] - x) * share, y + (newest[1] - y) * share];
    }
    const share = forgotten(passed, APPEARANCE_S);
    const usual = this.appearances[1].map((value, index) => value + (appearance[index] - value) * share);
    this.appearances = [appearance, unit(usual)];
    Object.assign(this, { face, place, side, seenS: timeS, missingS: null });
  }
}

/** Gives each face of a stream a number that it keeps while it moves, is hidden for a second, or crosses another. */
export class Tracker {
  constructor() {
    /** @type {Track[]} */
    this.tracks = [];
    this.lastNumber = 0;
    this.nowS = -Infinity;
    this.intervalS = 0;
  }

  /**
   * The number of each face, counted from 1; no number is ever given to another face.
   *
   * @param {number} timeS Time of the picture, in seconds; one before the last counts as the last.
   * @param {Face[]} faces All faces found in the picture.
   * @returns {number[]}
   */
  update(timeS, faces) {
    if (timeS > this.nowS) {
      this.intervalS = this.tracks.length ? timeS - this.nowS : 0;
      this.nowS = timeS;
    }
    this.tracks = this.tracks.filter((track) => !track.isGone(this.nowS));
    const numbers = faces.length ? this.numbers(faces) : [];
    for (const track of this.tracks) {
      if (!numbers.includes(track.number) && track.missingS === null) track.missingS = this.nowS;
    }
    return numbers;
  }

  /**
   * The faces that have a number, hidden ones too, each as last found and moved to where it should be in the next
   * picture at the present rate.
   *
   * @returns {Face[]}
   */
  expected() {
    const timeS = this.nowS + this.intervalS;
    return this.tracks.filter((track) => !track.isGone(timeS)).map((track) => moved(track.face, track.shift(timeS)));
  }

  /** @param {Face[]} faces */
  numbers(faces) {
    const seen = faces.map((face) => ({
      face,
      place: centreOf(face.box),
      side: Math.sqrt(Math.max(face.box[2] * face.box[3], 1)),
      appearance: appearanceOf(face.crop),
    }));
    const known = this.match(seen);
    return seen.map((each, row) => {
      const track = known.get(row);
      if (track) {
        track.see(this.nowS, each);
        return track.number;
      }
      this.tracks.push(new Track(++this.lastNumber, each, this.nowS));
      return this.lastNumber;
    });
  }

  /**
   * The track of each face that has one, by the face's place in the list.
   *
   * @param {Seen[]} seen
   * @returns {Map<number, Track>}
   */
  match(seen) {
    if (!this.tracks.length) return new Map();
    const misfit = seen.map((each) => this.tracks.map((track) => Math.min(this.misfit(each, track), 1)));
    let pairs = assignment(misfit).filter(([row, column]) => misfit[row][column] < 1); // 1: as bad as a new face
    if (seen.length > 2 * pairs.length) {
      pairs = pairs.filter(([row, column]) => misfit[row][column] < CALM); // likely a new shot: places mean little
    }
    return new Map(pairs.map(([row, column]) => [row, this.tracks[column]]));
  }

  /**
   * How badly a face fits a track; from 1 on it is rather another one's.
   *
   * @param {Seen} seen
   * @param {Track} track
   */
  misfit({ place, side, appearance }, track) {
    const hiddenS = this.nowS - track.seenS;
    const [across, down] = track.shift(this.nowS);
    const reach = Math.min(NEAR + SPEED * hiddenS, FAR) * Math.sqrt(track.side * side);
    const strayed = Math.hypot(place[0] - track.place[0] - across, place[1] - track.place[1] - down) / reach;
    const grown = Math.log(side / track.side) / (RESIZE * (1 + hiddenS));
    const likeness = Math.max(...track.appearances.map((known) => dot(known, appearance)));
    const unlike = UNLIKE + (UNLIKE_LATER - UNLIKE) * Math.min(hiddenS / LATER_S, 1);
    return Math.min(strayed ** 2 + grown ** 2, ELSEWHERE) + (Math.max(1 - likeness, 0) / unlike) ** 2;
  }
}

/**
 * Share of the past that is forgotten after a while, 0 to 1.
 *
 * @param {number} passedS
 * @param {number} memoryS
 */
function forgotten(passedS, memoryS) {
  return -Math.expm1(-Math.max(passedS, 0) / memoryS);
}

/**
 * @param {number[]} one
 * @param {number[]} other
 */
function dot(one, other) {
  return one.reduce((sum, value, index) => sum + value * other[index], 0);
}

/**
 * @param {Face} face
 * @param {Point} shift
 * @returns {Face}
 */
function moved(face, [x, y]) {
  const [left, top, width, height] = face.box;
  const to = (/** @type {Point} */ point) => /** @type {Point} */ ([point[0] + x, point[1] + y]);
  const eyes = /** @type {[Point, Point]} */ (face.eyes.map(to));
  return { ...face, box: [left + x, top + y, width, height], eyes, mouth: to(face.mouth) };
}
