/** What is said where WebGPU is asked for and no card answers, whichever engine asks. */
export const NO_ADAPTER = {
  reason: "no graphics card with a driver for Vulkan, Metal or Direct3D 12 is found",
  help: "install the graphics card's driver (on Linux one with Vulkan: `vulkaninfo --summary` lists what it sees)",
} as const;
