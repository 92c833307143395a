/**
 * An experiment: the sums of LogUp by GKR instead of helper columns (S. Papini, U. Haböck,
 * "Improving logarithmic derivative lookups using GKR", ePrint 2023/1284). Nothing else uses it;
 * docs/adr has what came out.
 */
package dev.zkwasm.bench.gkr;
