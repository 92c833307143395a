/**
 * Random modules, executed by Chicory's interpreter and as lowered code, call by call, with
 * everything compared.
 */
package dev.zkwasm.differential;
