namespace Lofizone.Cli.Output;

/// <summary>Mounts, loop devices and containers need root: said once, before anything begins.</summary>
internal static class Root
{
    public static void Require(string what)
    {
        if (!Environment.IsPrivilegedProcess)
            throw new LofizoneException($"{what}: must be root", "run it as root, for example with sudo");
    }
}
