type Place = { latitude: number; longitude: number; continent: string; country: string };

const place = (latitude: number, longitude: number, continent: string, country: string): Place => ({
  latitude,
  longitude,
  continent,
  country,
});

/** Where the Regions are, roughly: latency follows the distance. [https://aws.amazon.com/about-aws/global-infrastructure/regions_az/] */
const places: Record<string, Place> = {
  "af-south-1": place(-33.9, 18.4, "AF", "ZA"),
  "ap-east-1": place(22.3, 114.2, "AS", "HK"),
  "ap-northeast-1": place(35.7, 139.7, "AS", "JP"),
  "ap-northeast-2": place(37.6, 127, "AS", "KR"),
  "ap-northeast-3": place(34.7, 135.5, "AS", "JP"),
  "ap-south-1": place(19.1, 72.9, "AS", "IN"),
  "ap-southeast-1": place(1.4, 103.8, "AS", "SG"),
  "ap-southeast-2": place(-33.9, 151.2, "OC", "AU"),
  "ca-central-1": place(45.5, -73.6, "NA", "CA"),
  "eu-central-1": place(50.1, 8.7, "EU", "DE"),
  "eu-central-2": place(47.4, 8.5, "EU", "CH"),
  "eu-north-1": place(59.3, 18.1, "EU", "SE"),
  "eu-south-1": place(45.5, 9.2, "EU", "IT"),
  "eu-west-1": place(53.3, -6.3, "EU", "IE"),
  "eu-west-2": place(51.5, -0.1, "EU", "GB"),
  "eu-west-3": place(48.9, 2.4, "EU", "FR"),
  "me-south-1": place(26.2, 50.6, "AS", "BH"),
  "sa-east-1": place(-23.5, -46.6, "SA", "BR"),
  "us-east-1": place(38.9, -77.5, "NA", "US"),
  "us-east-2": place(40, -83, "NA", "US"),
  "us-west-1": place(37.4, -121.9, "NA", "US"),
  "us-west-2": place(45.5, -122.7, "NA", "US"),
};

/** Regions whose place nothing has asked for yet: no record is routed by where they are. */
const elsewhere =
  "ap-east-2 ap-south-2 ap-southeast-3 ap-southeast-4 ap-southeast-5 ap-southeast-6 ap-southeast-7 ca-west-1 eu-south-2 il-central-1 me-central-1 mx-central-1";

/** Every Region that a scenario may name. */
export const knownRegions = [...Object.keys(places), ...elsewhere.split(" ")];

export const placeOf = (region: string): Place => {
  const found = places[region];
  if (!found) throw new Error(`simulator/locations.ts: the location of ${region} is not simulated`);
  return found;
};

/** A figure that grows with the distance between two Regions; 0 = the same. */
export const distance = (one: string, other: string) => {
  const [a, b] = [placeOf(one), placeOf(other)];
  const radians = (degrees: number) => (degrees * Math.PI) / 180;
  const between = (x: number, y: number) => Math.sin(radians(x - y) / 2) ** 2;
  const flat = Math.cos(radians(a.latitude)) * Math.cos(radians(b.latitude));
  return between(a.latitude, b.latitude) + flat * between(a.longitude, b.longitude);
};
