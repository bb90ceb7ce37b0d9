export { assignSwarms, CHAIN_SWARM_PARAMETERS, type SwarmParameters, swarmParameters } from './assign.ts';
export { newSwarmId } from './new-swarm-id.ts';
export { accountPosition, accountTextPosition, swarmOfPosition } from './position.ts';
export { formatSwarmId, NO_SWARM, type SwarmId } from './swarm-id.ts';
export { drawTesterAndTestee } from './tester-testee.ts';
