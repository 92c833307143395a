/** Where Extensions and jobs are kept. */
package dev.zkwasm.store;
