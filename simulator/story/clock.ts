/** The schedules of a story: replication, rotation, detection, sensors, readiness. */

import { sensorRegions } from "../../functions/core/detect/sensors.ts";
import { homeOf, protectedOf } from "../../functions/core/model/direction.ts";
import type { Plan } from "../../functions/core/model/plan.ts";
import { createLambda } from "../machines/lambda.ts";
import { eventAge, knownOf, type Simulation } from "./simulation.ts";

/** Between rotations, as they are deployed, seconds. */
const rotateEvery = 6 * 3_600;
/** Between looks whether a failover would work, as they are deployed, seconds. */
const lookEvery = 3_600;
const minute = 60;
/** Applications of one Region tick one after the other, seconds. */
const apart = 0.7;

/** Seconds between passes of a plan; 0 when it protects nothing. */
export const replicateSeconds = ({ protect }: Plan) =>
  protect.length > 0 ? Math.min(...protect.map(({ everySeconds }) => everySeconds)) : 0;

/** The second of the minute at which a schedule of one minute comes: that of its creation, so the seed draws it. */
const phaseOf = ({ world }: Simulation, name: string) =>
  Math.floor(world.random.fork(`phase ${name}`).between(0, minute));

/** Every schedule that is deployed for the plans: passes, ticks, sweeps, and the sensors in their Regions. */
export const startClock = (simulation: Simulation) => {
  for (const [index, plan] of simulation.plans.entries()) {
    const { application } = plan;
    const late = (index * apart) % minute;
    const passes = replicateSeconds(plan);
    if (passes > 0) {
      simulation.every(passes, 5, () => simulation.schedule(plan, "replicate"));
      simulation.every(rotateEvery, 600, () => simulation.schedule(plan, "rotate"));
    }
    simulation.every(minute, phaseOf(simulation, "Detect") + late, () => void simulation.detect(plan, { application }));
    simulation.every(300, phaseOf(simulation, "close") + late, () => {
      // a sweep of an application that protects nothing has something to do only while a run holds its lease, or is untold
      const { row, untold } = knownOf(simulation, plan);
      if (passes > 0 || row?.run || untold.length > 0) simulation.schedule(plan, "close");
    });
    startLooks(simulation, plan, late);
  }
  startSensors(simulation);
};

/** The look of each hour has a container and draws of its own: with it nothing else comes at another moment. */
const startLooks = (simulation: Simulation, plan: Plan, late: number) => {
  const { environment, world, functions } = simulation;
  const { recovery } = plan.regions;
  const place = environment.placeOf(recovery, recovery, recovery, world.random.fork("readiness"));
  const lambda = createLambda(functions, place);
  simulation.every(lookEvery, lookEvery / 2 + phaseOf(simulation, "Readiness") + late, () => {
    if (!place.isDown())
      void lambda.deliver("Readiness", { application: plan.application }, eventAge.readiness).catch(() => null);
  });
};

const startSensors = (simulation: Simulation) => {
  const { plans, world } = simulation;
  for (const [index, plan] of plans.entries())
    for (const region of sensorRegions(plan)) {
      const lambda = simulation.lambdaIn(region, homeOf(plan));
      const invoke = (name: string) =>
        void lambda.deliver(name, { application: plan.application }, eventAge.sensor).catch(() => null);
      const isDown = () => world.faults.isRegionDown(region, Date.now());
      const late = (index * apart) % minute;
      simulation.every(minute, phaseOf(simulation, `Sense ${region}`) + late, () => {
        if (!isDown() && !isSilenced(simulation, plan, region)) invoke("Sense");
      });
      if (region === protectedOf(plan))
        simulation.every(minute, phaseOf(simulation, "Guard") + late, () => {
          if (!isDown()) invoke("Guard");
        });
    }
};

/** Whether the scenario keeps the Region from being heard. */
const isSilenced = ({ world }: Simulation, { application, detect }: Plan, region: string) => {
  const witness = detect.witnesses.find((one) => one.kind === "silence" && one.region === region);
  return witness !== undefined && world.faults.witness(witness.name, Date.now(), application) === "unhealthy";
};
