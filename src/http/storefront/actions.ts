import type { Action } from './action.ts';
import { BUY_ACTIONS } from './buy-actions.ts';
import { MEMBER_ACTIONS } from './member-actions.ts';
import { ORDER_ACTIONS } from './order-actions.ts';

/** Everything that the plugin does, by `control/action`. */
export const ACTIONS: Action[] = [...BUY_ACTIONS, ...ORDER_ACTIONS, ...MEMBER_ACTIONS];
