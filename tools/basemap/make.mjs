// make.mjs FOLDER: writes FOLDER/europe.json and FOLDER/world.json, the outlines of countries that maps on pages are
// drawn with. Everything that takes a library is done here, once: projecting, simplifying, finding the middles.
//
// From Natural Earth (public domain) as TopoJSON by the package world-atlas; codes from iso-3166. Natural Earth draws who
// holds a territory. These maps are keyed by ISO 3166-1, so a territory belongs to the country whose code it has there.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { forceCollide, forceSimulation, forceX, forceY } from "d3-force";
import { geoAzimuthalEqualArea, geoContains, geoEqualEarth } from "d3-geo";
import { geoProject } from "d3-geo-projection";
import { iso31661 } from "iso-3166";
import polylabel from "polylabel";
import { feature, mergeArcs } from "topojson-client";
import { topology } from "topojson-server";
import { planarRingArea, presimplify, simplify } from "topojson-simplify";

const require = createRequire(import.meta.url);
const folder = process.argv[2];
const packaged = (name) => JSON.parse(readFileSync(require.resolve(`${name}/package.json`)));

// lon, lat of the Crimea: ISO 3166-2 has it as UA-43 and UA-40.
const CRIMEA = [34.2, 45.2];
// What Natural Earth has no number for. XK and XKX are from the range that ISO 3166-1 leaves to its users.
const PART_OF = { "N. Cyprus": "196", Somaliland: "706" };
const USERS_CODES = { Kosovo: { alpha2: "XK", alpha3: "XKX" } };
const LEFT_OUT = ["010"]; // Antarctica

const FRAMES = {
  europe: {
    source: "countries-50m",
    projection: geoAzimuthalEqualArea().rotate([-10, -52]),
    // The edges of the frame: west of Portugal, east of the Caucasus, north of Norway, south of Malta.
    edges: { west: [-10.3, 36.9], east: [50.6, 40.0], north: [25.8, 71.6], south: [14.5, 35.3] },
    width: 1000,
    tolerance: 2,
    apart: 13,
  },
  world: {
    source: "countries-50m",
    projection: geoEqualEarth().rotate([-11, 0]),
    edges: { west: [-168.9, 0], east: [190.9, 0], north: [-30, 83.7], south: [-70, -56] },
    width: 1000,
    tolerance: 1.6,
    apart: 0,
  },
};
const SHARE = 0.5; // of a country's land that a frame must have, or the country has no place in it
const ALSO = { europe: ["RUS"], world: [] };
const SMALL = 9; // units: what is smaller both ways is hard to see

/** The countries of the source, each {alpha2, alpha3, geometry}; geometries without a code have none. */
function countries(atlas) {
  const known = new Map(iso31661.map((one) => [one.numeric, one]));
  const geometries = atlas.objects.countries.geometries.map((one) => ({ ...one, of: PART_OF[one.properties.name] ?? one.id }));
  const russia = geometries.find((one) => one.id === "643");
  const held = russia.arcs.findIndex((arcs) => geoContains(feature(atlas, { type: "Polygon", arcs }), CRIMEA));
  if (held >= 0) {
    const [arcs] = russia.arcs.splice(held, 1);
    geometries.push({ type: "Polygon", arcs, of: "804", properties: {} });
  }
  const parts = new Map();
  for (const one of geometries) {
    const of = one.of ?? one.properties.name;
    parts.set(of, [...(parts.get(of) ?? []), one]);
  }
  return [...parts]
    .filter(([of]) => !LEFT_OUT.includes(of))
    .map(([of, found]) => {
      const code = known.get(of) ?? USERS_CODES[of];
      const geometry = mergeArcs(atlas, found);
      return { alpha2: code?.alpha2 ?? "", alpha3: code?.alpha3 ?? "", geometry };
    });
}

/** The projection so that the edges are those of a picture of the width; and its height. */
function fitted({ projection, edges, width }) {
  projection.scale(1000).translate([0, 0]).precision(0);
  const [west, east] = [projection(edges.west)[0], projection(edges.east)[0]];
  const [north, south] = [projection(edges.north)[1], projection(edges.south)[1]];
  const by = width / (east - west);
  const height = Math.round((south - north) * by);
  projection.scale(1000 * by).translate([-west * by, -north * by]);
  return height;
}

const area = (polygon) => polygon.reduce((sum, ring, hole) => sum + (hole ? -1 : 1) * Math.abs(planarRingArea(ring)), 0);
const polygons = (geometry) =>
  !geometry ? [] : geometry.type === "Polygon" ? [geometry.coordinates] : geometry.type === "MultiPolygon" ? geometry.coordinates : [];

/** A ring in whole units, no point twice in a row; the last point is not the first. */
function whole(ring, width, height) {
  const points = ring
    .map(([x, y]) => [Math.min(width, Math.max(0, Math.round(x))), Math.min(height, Math.max(0, Math.round(y)))])
    .filter(([x, y], n, all) => !n || x !== all[n - 1][0] || y !== all[n - 1][1]);
  while (points.length > 1 && String(points[0]) === String(points.at(-1))) points.pop();
  return points;
}

/** SVG path data with relative lines, as short as may be; it begins with an absolute move, so paths can be joined. */
function path(rings) {
  let text = "";
  let [x, y] = [0, 0];
  const numbers = (a, b) => `${a}${b < 0 ? "" : ","}${b}`;
  for (const points of rings) {
    points.forEach(([px, py], n) => {
      const step = numbers(px - x, py - y);
      text += n === 0 ? `${text ? "m" : "M"}${step}` : `${n > 1 && !step.startsWith("-") ? " " : n === 1 ? "l" : ""}${step}`;
      [x, y] = [px, py];
    });
    text += "z";
    [x, y] = points[0]; // after z the pen is where the ring began
  }
  return text;
}

/** A lozenge for what is smaller than a unit. */
const speck = ([x, y], width, height) => {
  const [a, b] = [Math.min(width - 2, Math.max(2, Math.round(x))), Math.min(height - 2, Math.max(2, Math.round(y)))];
  return [[a, b - 1], [a + 1, b], [a, b + 1], [a - 1, b]];
};

function frame(name) {
  const { source, projection, width, tolerance, apart } = FRAMES[name];
  const height = fitted(FRAMES[name]);
  const atlas = JSON.parse(readFileSync(require.resolve(`world-atlas/${source}.json`)));
  const known = countries(atlas);
  const collection = (clipped) => {
    projection.clipExtent(clipped ? [[0, 0], [width, height]] : null);
    return known.map(({ geometry }) => geoProject(feature(atlas, geometry), projection)?.geometry ?? null);
  };
  const all = collection(false).map((one) => polygons(one).reduce((sum, polygon) => sum + area(polygon), 0));
  const features = collection(true).map((geometry) => ({ type: "Feature", properties: {}, geometry }));
  // Shared borders are shared lines: simplified once, they fit.
  const shared = topology({ land: { type: "FeatureCollection", features } });
  const simple = feature(simplify(presimplify(shared), tolerance), "land").features;
  const regions = [];
  let land = [];
  known.forEach(({ alpha2, alpha3 }, n) => {
    const exact = polygons(features[n].geometry).sort((a, b) => area(b) - area(a));
    if (!exact.length) return;
    const seen = exact.reduce((sum, polygon) => sum + area(polygon), 0);
    const drawn = polygons(simple[n].geometry)
      .map((rings) => rings.map((ring) => whole(ring, width, height)).filter((ring) => ring.length > 2))
      .filter((rings) => rings.length && area(rings) >= 2);
    if (!alpha3 || (seen < SHARE * all[n] && !ALSO[name].includes(alpha3))) {
      land = land.concat(drawn.flat());
      return;
    }
    const middle = polylabel(exact[0], 0.1);
    const rings = drawn.length ? drawn.flat() : [speck(middle, width, height)];
    const [xs, ys] = [0, 1].map((axis) => exact[0][0].map((point) => point[axis]));
    const size = Math.max(Math.max(...xs) - Math.min(...xs), Math.max(...ys) - Math.min(...ys));
    regions.push({ alpha2, alpha3, at: [middle[0], middle[1]], small: size < SMALL, path: path(rings) });
  });
  // Marks must not hide each other: small neighbours step aside a little.
  const marks = regions.map(({ at: [x, y] }) => ({ x, y, home: [x, y] }));
  if (apart)
    forceSimulation(marks)
      .force("x", forceX((mark) => mark.home[0]).strength(0.25))
      .force("y", forceY((mark) => mark.home[1]).strength(0.25))
      .force("apart", forceCollide(apart).strength(0.9).iterations(4))
      .stop()
      .tick(400);
  regions.forEach((region, n) => {
    const inside = (v, most) => Math.round(Math.min(most - 12, Math.max(12, v)));
    region.at = region.at.map(Math.round);
    region.mark = [inside(marks[n].x, width), inside(marks[n].y, height)];
  });
  regions.sort((a, b) => (a.alpha3 < b.alpha3 ? -1 : 1));
  const [scale, [dx, dy], [lambda, phi]] = [projection.scale(), projection.translate(), projection.rotate()];
  const round = (value) => Number(value.toFixed(4));
  return {
    source: `Natural Earth 4.1.0 (public domain), by world-atlas ${packaged("world-atlas").version}`,
    projection: name === "europe" ? "azimuthal-equal-area" : "equal-earth",
    centre: [-lambda, -phi],
    scale: round(scale),
    translate: [round(dx), round(dy)],
    width,
    height,
    land: path(land),
    regions,
  };
}

/** One line for each region, so that a change is seen where it is. */
function written({ regions, ...rest }) {
  const head = Object.entries(rest).map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`);
  return `{\n${head.join(",\n")},\n"regions":[\n${regions.map((one) => JSON.stringify(one)).join(",\n")}\n]}\n`;
}

for (const name of Object.keys(FRAMES)) writeFileSync(`${folder}/${name}.json`, written(frame(name)));
