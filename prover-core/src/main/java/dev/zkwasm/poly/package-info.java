/** Columns and the domains they are interpolated over. */
package dev.zkwasm.poly;
